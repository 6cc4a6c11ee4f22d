"""For people: maps, workbook, layers."""
