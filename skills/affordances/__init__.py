"""What can be done from where: reachability of the arm, without moving."""
