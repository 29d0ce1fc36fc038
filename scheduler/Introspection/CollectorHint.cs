using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CloudScale.Scheduling;

/// <summary>Says once what costs a host with many processes most: a small youngest generation.</summary>
/// <remarks>
/// Pauses grow with the number of old processes that were touched since the last collection, but a small young generation is collected a hundred times as often, and each time
/// walks what is in flight. Threads: any.
/// </remarks>
/// <param name="setting">The size as the collector reads it: hexadecimal, from the environment, the only place where it looks; null if it is not set.</param>
/// <param name="isServer">The server collector chooses sizes that suffice.</param>
internal sealed partial class CollectorHint(string? setting, bool isServer)
{
    internal const long ManyProcesses = 100_000;
    internal const long SmallBytes = 32 << 20;

    private int _given;

    /// <summary>For the one collector that a program has.</summary>
    internal static CollectorHint OfThisProgram { get; } =
        new(
            Environment.GetEnvironmentVariable("DOTNET_GCgen0size"),
            AppContext.TryGetSwitch("System.GC.Server", out bool isServer) && isServer
        );

    /// <summary>Looks at how many processes live.</summary>
    internal void Look(long processes, ILogger logger)
    {
        if (Volatile.Read(ref _given) != 0 || processes < ManyProcesses || Interlocked.Exchange(ref _given, 1) != 0)
            return;
        if (!isServer && Bytes() < SmallBytes)
            LogSmallGeneration(logger, processes);
    }

    private long Bytes()
    {
        string digits = setting?.StartsWith("0x", StringComparison.OrdinalIgnoreCase) == true ? setting[2..] : setting ?? "0";
        return long.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long size) ? size : 0;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} processes live here and the collector's youngest generation is small: expect many and long pauses. "
            + "Set DOTNET_GCgen0size=0x4000000 (64 MB) or more in the environment of this program; runtimeconfig.json has no key for it."
    )]
    private static partial void LogSmallGeneration(ILogger logger, long count);
}
