using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Handshake;

/// <summary>The flags have the values that the installed Erlang gives them: a wrong one offers what nobody meant, and both sides agree on it in silence.</summary>
[Category("OtpNode")]
public sealed partial class FlagValueTests
{
    private const string Print = """
        {ok, Text} = file:read_file(filename:join([code:lib_dir(kernel), "include", "dist.hrl"])), io:put_chars(Text), halt().
        """;

    private static readonly Dictionary<string, DistributionFlags> s_flags = new()
    {
        ["PUBLISHED"] = DistributionFlags.Published,
        ["EXTENDED_REFERENCES"] = DistributionFlags.ExtendedReferences,
        ["DIST_MONITOR"] = DistributionFlags.Monitors,
        ["FUN_TAGS"] = DistributionFlags.FunTags,
        ["DIST_MONITOR_NAME"] = DistributionFlags.MonitorsByName,
        ["NEW_FUN_TAGS"] = DistributionFlags.NewFunTags,
        ["EXTENDED_PIDS_PORTS"] = DistributionFlags.ExtendedPidsPorts,
        ["EXPORT_PTR_TAG"] = DistributionFlags.ExportTag,
        ["BIT_BINARIES"] = DistributionFlags.BitBinaries,
        ["NEW_FLOATS"] = DistributionFlags.NewFloats,
        ["UNICODE_IO"] = DistributionFlags.UnicodeIo,
        ["DIST_HDR_ATOM_CACHE"] = DistributionFlags.AtomCache,
        ["SMALL_ATOM_TAGS"] = DistributionFlags.SmallAtomTags,
        ["UTF8_ATOMS"] = DistributionFlags.Utf8Atoms,
        ["MAP_TAG"] = DistributionFlags.Maps,
        ["BIG_CREATION"] = DistributionFlags.BigCreation,
        ["SEND_SENDER"] = DistributionFlags.SendSender,
        ["BIG_SEQTRACE_LABELS"] = DistributionFlags.BigSequentialTraceLabels,
        ["EXIT_PAYLOAD"] = DistributionFlags.ExitPayload,
        ["FRAGMENTS"] = DistributionFlags.Fragments,
        ["HANDSHAKE_23"] = DistributionFlags.Handshake23,
        ["UNLINK_ID"] = DistributionFlags.UnlinkId,
        ["MANDATORY_25_DIGEST"] = DistributionFlags.Mandatory25Digest,
        ["SPAWN"] = DistributionFlags.Spawn,
        ["NAME_ME"] = DistributionFlags.NameMe,
        ["V4_NC"] = DistributionFlags.V4Identifiers,
        ["ALIAS"] = DistributionFlags.Aliases,
        ["ALTACT_SIG"] = DistributionFlags.AlternateActionSignals,
        ["NATIVE_RECORDS"] = DistributionFlags.NativeRecords,
    };

    [Test]
    public void Flags_EachOfOurs_HasErlangsValue()
    {
        OtpInstallation.Require();
        using Process erl = OtpInstallation.Start("erl", 1, "-noshell", "-eval", Print);
        string text = erl.StandardOutput.ReadToEnd();
        Dictionary<string, ulong> theirs = [];
        foreach (Match match in Definition().Matches(text))
        {
            ulong value = ulong.Parse(match.Groups["value"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            theirs[match.Groups["name"].Value] = match.Groups["shift"] is { Success: true, Value: var bits }
                ? value << int.Parse(bits, CultureInfo.InvariantCulture)
                : value;
        }

        Assert.That(theirs, Contains.Key("UNLINK_ID"), $"no flags in dist.hrl: {text}");
        // What this release does not know yet is new in a later one.
        string[] unknown = [.. s_flags.Keys.Except(theirs.Keys)];
        Assert.That(unknown, Is.SubsetOf((string[])["MANDATORY_25_DIGEST", "ALTACT_SIG", "NATIVE_RECORDS"]));
        Assert.Multiple(() =>
        {
            foreach ((string name, DistributionFlags flag) in s_flags)
                if (!unknown.Contains(name))
                    Assert.That((ulong)flag, Is.EqualTo(theirs[name]), name);
        });
        Assert.That(s_flags.Values, Is.EquivalentTo(Enum.GetValues<DistributionFlags>().Where(flag => flag != 0)));
    }

    [GeneratedRegex(
        @"^-define\(DFLAG_(?<name>\w+),\s*\(?16#(?<value>[0-9a-fA-F]+)(\s+bsl\s+(?<shift>\d+))?\)?\)\.",
        RegexOptions.Multiline
    )]
    private static partial Regex Definition();
}
