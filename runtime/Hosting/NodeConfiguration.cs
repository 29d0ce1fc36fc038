using System.Globalization;
using System.Net;
using CloudScale.Interop.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CloudScale.Runtime.Hosting;

/// <summary>Options from configuration, by hand: without reflection, and a key that means nothing is an error and not a silent default.</summary>
internal static class NodeConfiguration
{
    /// <summary>Sets what a section names.</summary>
    /// <exception cref="OptionsValidationException">A key is unknown, or its value cannot be read; all of them are told.</exception>
    internal static void Apply(IConfiguration section, NodeOptions options)
    {
        List<string> faults = [];
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            if (!TryApply(entry, options, out string? expected))
                faults.Add(
                    expected is null ? $"{entry.Path} is no option of a node." : $"{entry.Path} is '{entry.Value}'; expected {expected}."
                );
        }

        if (faults.Count > 0)
            throw new OptionsValidationException(Options.DefaultName, typeof(NodeOptions), faults);
    }

    private static bool TryApply(IConfigurationSection entry, NodeOptions options, out string? expected)
    {
        string? value = entry.Value;
        expected = null;
        switch (entry.Key.ToUpperInvariant())
        {
            case "NAME":
                options.Name = value;
                return true;
            case "NAMEDBY":
                options.NamedBy = value;
                return true;
            case "COOKIE":
                options.Cookie = value;
                return true;
            case "HIDDEN":
                return Boolean(value, out expected, set => options.Hidden = set);
            case "SCHEDULERS":
                return Integer(value, out expected, set => options.Schedulers = set);
            case "MAXPROCESSES":
                return Integer(value, out expected, set => options.MaxProcesses = set);
            case "TICKTIME":
                return Duration(value, out expected, set => options.TickTime = set);
            case "COOKIES":
                options.Cookies = entry.GetChildren().ToDictionary(child => child.Key, child => child.Value ?? "");
                return true;
            case "AUTOCONNECT":
                expected = "Always, Once or Never";
                if (!Enum.TryParse(value, ignoreCase: true, out AutoConnect autoConnect) || !Enum.IsDefined(autoConnect))
                    return false;
                options.AutoConnect = autoConnect;
                return true;
            case "ALLOWEDNODES":
                options.AllowedNodes = [.. entry.GetChildren().Select(child => child.Value ?? "")];
                return true;
            case "USESCOMPRESSION":
                return Boolean(value, out expected, set => options.UsesCompression = set);
            case "LISTENADDRESS":
                expected = "an IP address";
                if (!IPAddress.TryParse(value, out IPAddress? address))
                    return false;
                options.ListenAddress = address;
                return true;
            case "LISTENPORT":
                return Integer(value, out expected, set => options.ListenPort = set);
            case "EPMDPORT":
                return Integer(value, out expected, set => options.EpmdPort = set);
            case "STARTEPMD":
                return Boolean(value, out expected, set => options.StartEpmd = set);
            case "SHUTDOWNGRACE":
                return Duration(value, out expected, set => options.ShutdownGrace = set);
            case "CONNECTALL":
                return Boolean(value, out expected, set => options.ConnectAll = set);
            case "PREVENTOVERLAPPINGPARTITIONS":
                return Boolean(value, out expected, set => options.PreventOverlappingPartitions = set);
            case "ALLOWEDFUNCTIONS":
                expected = "names of StandardFunctions, divided by commas";
                if (!Enum.TryParse(value, ignoreCase: true, out StandardFunctions functions) || (functions & ~StandardFunctions.All) != 0)
                    return false;
                options.AllowedFunctions = functions;
                return true;
            default:
                return false;
        }
    }

    private static bool Boolean(string? value, out string expected, Action<bool> set)
    {
        expected = "true or false";
        if (!bool.TryParse(value, out bool parsed))
            return false;
        set(parsed);
        return true;
    }

    private static bool Integer(string? value, out string expected, Action<int> set)
    {
        expected = "a whole number";
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int parsed))
            return false;
        set(parsed);
        return true;
    }

    private static bool Duration(string? value, out string expected, Action<TimeSpan> set)
    {
        expected = "a time, 00:00:05 for example";
        if (!TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out TimeSpan parsed))
            return false;
        set(parsed);
        return true;
    }
}
