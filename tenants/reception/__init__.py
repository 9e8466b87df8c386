"""The hall as the front desk sees it: what a number is given for, the room at a glance, one ticket with its story."""
