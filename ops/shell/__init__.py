"""`ops shell`: a console for any assistant behind the REST channel."""
