"""Who works out what is not published: knows the rules, who came when and rated what, and every published state."""
