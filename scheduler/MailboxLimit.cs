namespace CloudScale;

/// <summary>What happens to a message that finds a full mailbox.</summary>
public enum MailboxOverflow : byte
{
    /// <summary>The receiver is killed, as BEAM's <c>max_heap_size</c> would; the log says so.</summary>
    Kill,

    /// <summary>The message is dropped, and counted: see <see cref="ProcessInfo.MessagesDropped"/>.</summary>
    DropNewest,

    /// <summary>
    /// <c>SendAsync</c> waits for room. A plain <c>Send</c> is never refused: it goes in, and the sender pays with a large part of its slice, so that the receiver gets to
    /// run more than it.
    /// </summary>
    Wait,
}

/// <summary>The most messages a mailbox may hold. Without one, the default, there is no limit, as on BEAM.</summary>
/// <remarks>
/// Counts what others send, by pid, name or alias. Signals (links, monitors, exits) and the reports the node makes of them always get in. With several senders at once the limit
/// may be passed by as many.
/// </remarks>
/// <param name="Messages">Most messages; at least 1.</param>
/// <param name="Overflow">What happens to the next.</param>
public sealed record MailboxLimit(int Messages, MailboxOverflow Overflow = MailboxOverflow.Kill);
