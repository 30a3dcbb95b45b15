"""`ops register`: telling the platforms where the bot is."""
