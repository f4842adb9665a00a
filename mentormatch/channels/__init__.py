"""How a message leaves the house: its text, the mail it becomes, and the way out."""
