"""The home of interns, mentors and alumni: whom they got and why."""
