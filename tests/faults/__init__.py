"""What the engine is judged by: hostile writers, several copies at once, crashes at every step, and the rules one by one off."""
