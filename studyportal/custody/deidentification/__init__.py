"""Take identity away: treatments on columns, study days for dates, a place among the subjects for a person. Pure."""
