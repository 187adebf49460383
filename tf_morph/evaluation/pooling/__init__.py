"""What several photographs of one person give beyond one."""
