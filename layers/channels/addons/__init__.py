"""Your own channels and agents: put `my_channel.py` here and name it in credentials.yml.

addons.my_channel.MyIO:
  username: "..."
"""
