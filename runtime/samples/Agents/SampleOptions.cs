namespace CloudScale.Samples.Agents;

/// <summary>What the command line asked for.</summary>
internal sealed record SampleOptions
{
    public required int Agents { get; init; }

    /// <summary>How long to run; null until a key is pressed.</summary>
    public required TimeSpan? Duration { get; init; }

    public required bool Idle { get; init; }

    public required bool UseErlang { get; init; }

    public required string Name { get; init; }

    public required string Cookie { get; init; }
}
