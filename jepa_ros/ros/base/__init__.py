"""What every node stands on: lifecycle, parameters, diagnostics, processes that end well."""
