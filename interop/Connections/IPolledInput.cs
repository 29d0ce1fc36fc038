namespace CloudScale.Interop.Connections;

/// <summary>What comes over the connections of a node, for threads that look at it between other work; see <see cref="DistributionOptions.PollInput"/>.</summary>
public interface IPolledInput
{
    /// <summary>A descriptor of the operating system that is readable while <see cref="Poll"/> would find something. It stays open until <see cref="PollAlone"/>.</summary>
    int Descriptor { get; }

    /// <summary>Looks without waiting, and reports some of what has come (see <see cref="IDistributionEvents"/>). Threads: any, several at a time; each connection is read by one at a time.</summary>
    /// <returns>How many signals have come, or kilobytes, if these are more; 0 if there was nothing, and at least 1 if there was something, a part of a signal or room to write. A hint, beyond that: where few come at a time, whoever looks may let some gather.</returns>
    int Poll();

    /// <summary>Somebody is about to sleep on the descriptor: the last chance to have it become readable. True if there is something already. Threads: one at a time.</summary>
    bool Arm() => false;

    /// <summary>Nobody calls <see cref="Poll"/> any more: from now on a thread of the node's own does.</summary>
    void PollAlone();
}
