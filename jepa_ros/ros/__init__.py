"""ROS 2: messages ⇄ arrays, and the nodes. The only room that imports rclpy."""
