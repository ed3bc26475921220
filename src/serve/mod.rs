//! The development server: HTTP on 127.0.0.1, watching, live reload.
