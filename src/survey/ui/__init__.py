"""Streamlit pieces that pages share. Only this room holds session state."""
