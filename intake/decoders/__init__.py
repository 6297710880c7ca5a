"""What runs inside the decoding child: one module for each kind of file, bytes to pages."""
