namespace CloudScale;

/// <summary>A configured limit of the node is reached; Erlang's <c>system_limit</c>.</summary>
public sealed class SystemLimitException : Exception
{
    /// <summary>Makes the exception without a text.</summary>
    public SystemLimitException() { }

    /// <summary>Makes the exception with a text that names the limit and its option.</summary>
    public SystemLimitException(string message)
        : base(message) { }

    /// <summary>Makes the exception with a text and a cause.</summary>
    public SystemLimitException(string message, Exception innerException)
        : base(message, innerException) { }
}
