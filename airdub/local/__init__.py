"""The supervised local Airflow: its home folder, its processes, and clients for both."""
