namespace CloudScale.Scheduling;

/// <summary>A message that is put together only if somebody looks at it as a term.</summary>
/// <remarks>
/// The payload of its own envelope, with <see cref="Mark"/> in the bits. Calls and answers are such: a server that takes a <see cref="GenCall"/>, and a caller that waits for its answer, find what they need
/// without the five objects that make up the term. Threads: the owner of the receiving process.
/// </remarks>
internal interface IDeferredMessage
{
    /// <summary>In the bits of an envelope: the payload is one of these.</summary>
    const long Mark = 1;

    /// <summary>The term; the same object each time.</summary>
    object Message { get; }
}
