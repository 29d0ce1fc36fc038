namespace CloudScale.Scheduling;

/// <summary>Where signals come from that no thread brings, such as the connections to other nodes: schedulers look there when they have nothing else to do.</summary>
/// <remarks>
/// A scheduler that runs out of work looks before it sleeps, and sleeps on <see cref="Descriptor"/>; so what comes is taken by the thread that runs the process it is for, and no other is woken. While all are
/// busy one of them looks now and then, and while all are held up in bodies the watchdog does. Threads: as said with each member.
/// </remarks>
public interface IInputSource
{
    /// <summary>
    /// A descriptor of the operating system that is readable while <see cref="Poll"/> would find something, or -1: then nobody is woken for what comes while all schedulers sleep, unless somebody makes a process
    /// runnable. It is asked for once and stays open until <see cref="OnStopped"/>.
    /// </summary>
    int Descriptor => -1;

    /// <summary>Looks without waiting and deals with some of what there is. It must not throw or block: it is called instead of running processes.</summary>
    /// <returns>
    /// How many signals it has dealt with, 0 if there was nothing, and at least 1 if there was something. It need not be exact: where few come at a time and more follow at once, a scheduler without work lets some gather.
    /// </returns>
    /// <remarks>Threads: schedulers, outside of bodies, and the watchdog; several at a time. What it makes runnable on a scheduler runs there next.</remarks>
    int Poll();

    /// <summary>A scheduler is about to sleep on the descriptor: the last chance to have it become readable. True if there is something already.</summary>
    /// <remarks>Threads: one scheduler at a time.</remarks>
    bool Arm() => false;

    /// <summary>The schedulers have stopped: nobody looks any more, and nobody sleeps on the descriptor.</summary>
    void OnStopped();
}
