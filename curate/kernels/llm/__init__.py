"""Large language models behind an OpenAI-compatible address: requests in, answers out, whatever the server does."""
