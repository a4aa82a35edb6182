"""What tests need to meet running nodes: a graph, a robot that can misbehave, an operator."""
