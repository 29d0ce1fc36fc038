namespace CloudScale;

/// <summary>A request that is under way: what <c>SendRequest</c> returns, and answers are asked for by.</summary>
public readonly struct RequestId : IEquatable<RequestId>
{
    internal RequestId(Reference reference, ServerRef server, ReceiveMark mark, Atom kind)
    {
        Reference = reference;
        Server = server;
        Mark = mark;
        Kind = kind;
    }

    /// <summary>The reference that is the request's monitor and alias.</summary>
    public Reference Reference { get; }

    /// <summary>Who was asked.</summary>
    public ServerRef Server { get; }

    /// <summary>The end of the mailbox when the request was sent: the answer cannot lie before it.</summary>
    internal ReceiveMark Mark { get; }

    internal Atom Kind { get; }

    /// <inheritdoc/>
    public bool Equals(RequestId other) => Reference == other.Reference;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RequestId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Reference.GetHashCode();

    /// <summary>Whether both are one request.</summary>
    public static bool operator ==(RequestId left, RequestId right) => left.Equals(right);

    /// <summary>Whether they are two.</summary>
    public static bool operator !=(RequestId left, RequestId right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Reference.ToString();
}
