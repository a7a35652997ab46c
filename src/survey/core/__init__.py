"""What a survey is: no database session, no web, no Streamlit."""
