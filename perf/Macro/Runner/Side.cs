using System.Diagnostics;
using System.Globalization;

namespace CloudScale.Perf.Macro.Runner;

/// <summary>One of the two that are compared: how to start a fresh operating system process that runs one case.</summary>
internal abstract class Side
{
    /// <summary>A case that takes longer than this has gone wrong.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public abstract string Name { get; }

    /// <summary>The settings a reader needs to judge the figures.</summary>
    public abstract string Settings { get; }

    public async Task<Sample> Run(Case item, int schedulers, BenchOptions options)
    {
        ProcessStartInfo start = Start(item, schedulers, options);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {start.FileName}");
        using var limit = new CancellationTokenSource(s_limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new BenchException($"{Name}, {item.Name}: no result within {s_limit.TotalMinutes} minutes");
        }

        string text = await output;
        if (process.ExitCode != 0)
            throw new BenchException($"{Name}, {item.Name}: exit code {process.ExitCode}\n{text}{await error}");
        return Sample.TryRead(text, item.Measure, out Sample sample)
            ? sample
            : throw new BenchException($"{Name}, {item.Name}: no result line in\n{text}{await error}");
    }

    protected abstract ProcessStartInfo Start(Case item, int schedulers, BenchOptions options);

    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A side failed to give a figure.</summary>
internal sealed class BenchException(string message) : Exception(message);
