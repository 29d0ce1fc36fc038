namespace CloudScale.Interop.Connections;

/// <summary>What comes over the connections of a node, for threads that look at it between other work; see <see cref="DistributionOptions.PollInput"/>.</summary>
public interface IPolledInput
{
    /// <summary>A descriptor of the operating system that is readable while <see cref="Poll"/> would find something. It stays open until <see cref="PollAlone"/>.</summary>
    int Descriptor { get; }

    /// <summary>Looks without waiting, reports some of what has come (see <see cref="IDistributionEvents"/>), and says whether there was something. Threads: any, several at a time; each connection is read by one at a time.</summary>
    bool Poll();

    /// <summary>Somebody is about to sleep on the descriptor: the last chance to have it become readable. True if there is something already. Threads: one at a time.</summary>
    bool Arm() => false;

    /// <summary>Nobody calls <see cref="Poll"/> any more: from now on a thread of the node's own does.</summary>
    void PollAlone();
}
