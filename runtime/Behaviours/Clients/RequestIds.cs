namespace CloudScale;

/// <summary>Requests under way, each with a label: what of several answers comes first is taken first. OTP's <c>request_id_collection()</c>.</summary>
/// <remarks>Threads: the process that made the requests. Unlike OTP's it is changed in place.</remarks>
public sealed class RequestIds
{
    private readonly Dictionary<Reference, (RequestId Request, object Label)> _requests = [];

    /// <summary>How many requests are in it.</summary>
    public int Count => _requests.Count;

    /// <summary>Adds a request.</summary>
    /// <exception cref="ArgumentException">It is in it already.</exception>
    public void Add(RequestId request, object label) => _requests.Add(request.Reference, (request, label));

    /// <summary>All requests with their labels.</summary>
    public IReadOnlyList<(RequestId Request, object Label)> ToList() => [.. _requests.Values];

    internal bool TryGet(Reference reference, out (RequestId Request, object Label) entry) => _requests.TryGetValue(reference, out entry);

    internal void Remove(Reference reference) => _requests.Remove(reference);

    internal IEnumerable<(RequestId Request, object Label)> All => _requests.Values;
}
