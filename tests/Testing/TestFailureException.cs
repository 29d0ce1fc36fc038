namespace CloudScale.Testing;

/// <summary>A test under <see cref="TestSystem"/> or <see cref="Explore"/> failed. No test framework is needed: each takes an exception for a failure.</summary>
public sealed class TestFailureException : Exception
{
    /// <summary>Makes a failure without a schedule.</summary>
    public TestFailureException(string message)
        : this(message, null) { }

    /// <summary>Makes a failure with a cause.</summary>
    public TestFailureException(string message, Exception? innerException)
        : base(message, innerException) { }

    /// <summary>Names the schedule that failed; pass it to <see cref="Explore.Replay(string, Action{TestSystem}, ExploreOptions?)"/>. Null where no schedule was explored.</summary>
    public string? Schedule { get; init; }
}

/// <summary>A process ended with an exception that the test did not announce.</summary>
/// <param name="Process">Which.</param>
/// <param name="Name">Its registered name, if it had one.</param>
/// <param name="Exception">What left its body.</param>
public sealed record ProcessCrash(Pid Process, Atom? Name, Exception Exception);
