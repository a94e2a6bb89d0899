"""PID 1 inherits every orphan of its namespace and must wait for it, without taking it for one of its daemons."""
