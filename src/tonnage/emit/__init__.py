"""What a judged workload gives its operators: alarms, a dashboard, scaling policies, load tests."""
