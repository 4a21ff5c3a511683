"""Pure arithmetic of the building: power, cooling, racks, colocation."""
