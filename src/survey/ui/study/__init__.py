"""What a wave's answers say: levels, tiers, changes, drivers, trust."""
