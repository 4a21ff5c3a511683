"""What things cost: strict readers, frozen records, and the choice of a value with its source."""
