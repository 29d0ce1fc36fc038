namespace CloudScale.Interop.Handshake;

/// <summary>What a node can do on a connection; two nodes use what both have.</summary>
/// <remarks>Names and values: ERTS User's Guide, Distribution Protocol, Distribution Flags.</remarks>
[Flags]
public enum DistributionFlags : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The node wants to be seen: others count it as visible, not hidden.</summary>
    Published = 0x1, // DFLAG_PUBLISHED

    /// <summary>References of several words.</summary>
    ExtendedReferences = 0x4, // DFLAG_EXTENDED_REFERENCES

    /// <summary>Monitors of pids.</summary>
    Monitors = 0x8, // DFLAG_DIST_MONITOR

    /// <summary>Old funs; obsolete but demanded.</summary>
    FunTags = 0x10, // DFLAG_FUN_TAGS

    /// <summary>Monitors of registered names.</summary>
    MonitorsByName = 0x20, // DFLAG_DIST_MONITOR_NAME

    /// <summary>NEW_FUN_EXT.</summary>
    NewFunTags = 0x80, // DFLAG_NEW_FUN_TAGS

    /// <summary>Pids and ports of full size.</summary>
    ExtendedPidsPorts = 0x100, // DFLAG_EXTENDED_PIDS_PORTS

    /// <summary>EXPORT_EXT.</summary>
    ExportTag = 0x200, // DFLAG_EXPORT_PTR_TAG

    /// <summary>BIT_BINARY_EXT.</summary>
    BitBinaries = 0x400, // DFLAG_BIT_BINARIES

    /// <summary>NEW_FLOAT_EXT.</summary>
    NewFloats = 0x800, // DFLAG_NEW_FLOATS

    /// <summary>The I/O servers of the node understand Unicode requests.</summary>
    UnicodeIo = 0x1000, // DFLAG_UNICODE_IO

    /// <summary>Distribution header with atom cache.</summary>
    AtomCache = 0x2000, // DFLAG_DIST_HDR_ATOM_CACHE

    /// <summary>SMALL_ATOM_EXT.</summary>
    SmallAtomTags = 0x4000, // DFLAG_SMALL_ATOM_TAGS

    /// <summary>ATOM_UTF8_EXT and SMALL_ATOM_UTF8_EXT.</summary>
    Utf8Atoms = 0x1_0000, // DFLAG_UTF8_ATOMS

    /// <summary>MAP_EXT.</summary>
    Maps = 0x2_0000, // DFLAG_MAP_TAG

    /// <summary>Creations of 32 bits.</summary>
    BigCreation = 0x4_0000, // DFLAG_BIG_CREATION

    /// <summary>SEND_SENDER in place of SEND.</summary>
    SendSender = 0x8_0000, // DFLAG_SEND_SENDER

    /// <summary>Any term as the label of a trace token.</summary>
    BigSequentialTraceLabels = 0x10_0000, // DFLAG_BIG_SEQTRACE_LABELS

    /// <summary>The reason of an exit travels as payload (PAYLOAD_EXIT and its kin).</summary>
    ExitPayload = 0x40_0000, // DFLAG_EXIT_PAYLOAD

    /// <summary>Long messages in fragments.</summary>
    Fragments = 0x80_0000, // DFLAG_FRAGMENTS

    /// <summary>The handshake of version 6.</summary>
    Handshake23 = 0x100_0000, // DFLAG_HANDSHAKE_23

    /// <summary>UNLINK_ID and UNLINK_ID_ACK in place of UNLINK.</summary>
    UnlinkId = 0x200_0000, // DFLAG_UNLINK_ID

    /// <summary>Everything OTP 25 made mandatory; stands for the single flags.</summary>
    Mandatory25Digest = 0x400_0000, // DFLAG_MANDATORY_25_DIGEST

    /// <summary>SPAWN_REQUEST and SPAWN_REPLY.</summary>
    Spawn = 1ul << 32, // DFLAG_SPAWN

    /// <summary>The node asks the other side for a name.</summary>
    NameMe = 1ul << 33, // DFLAG_NAME_ME

    /// <summary>Pids, ports and references of the full 64 (ports) and 160 (references) bits.</summary>
    V4Identifiers = 1ul << 34, // DFLAG_V4_NC

    /// <summary>Process aliases: ALIAS_SEND.</summary>
    Aliases = 1ul << 35, // DFLAG_ALIAS

    /// <summary>ALTACT_SIG_SEND of OTP 28.</summary>
    AlternateActionSignals = 1ul << 37, // DFLAG_ALTACT_SIG

    /// <summary>The native records of OTP 29.</summary>
    NativeRecords = 1ul << 38, // DFLAG_NATIVE_RECORDS
}

/// <summary>Which flags we have, and which a peer must have.</summary>
internal static class FlagSets
{
    /// <summary>Mandatory since OTP 25, and what <see cref="DistributionFlags.Mandatory25Digest"/> stands for.</summary>
    public const DistributionFlags Mandatory25 =
        DistributionFlags.ExtendedReferences
        | DistributionFlags.FunTags
        | DistributionFlags.NewFunTags
        | DistributionFlags.ExtendedPidsPorts
        | DistributionFlags.ExportTag
        | DistributionFlags.BitBinaries
        | DistributionFlags.NewFloats
        | DistributionFlags.Utf8Atoms
        | DistributionFlags.Maps
        | DistributionFlags.BigCreation
        | DistributionFlags.Handshake23;

    /// <summary>Mandatory since OTP 26, on top.</summary>
    public const DistributionFlags Mandatory26 = DistributionFlags.UnlinkId | DistributionFlags.V4Identifiers;

    /// <summary>
    /// What a peer must have: the set of OTP 26. OTP 25 has all of it though it does not demand it, so nodes from 25 on pass; an older OTP would need the
    /// unlink protocol of old, which we accept but do not speak.
    /// </summary>
    public const DistributionFlags RequiredOfPeers = Mandatory25 | Mandatory26;

    /// <summary>Everything this assembly honours on a connection; nothing is offered that is not in here.</summary>
    public const DistributionFlags Implemented =
        RequiredOfPeers
        | DistributionFlags.Mandatory25Digest
        | DistributionFlags.Monitors
        | DistributionFlags.MonitorsByName
        | DistributionFlags.SmallAtomTags
        | DistributionFlags.SendSender
        | DistributionFlags.ExitPayload
        | DistributionFlags.Aliases
        | DistributionFlags.Spawn
        | DistributionFlags.AlternateActionSignals
        | DistributionFlags.NativeRecords
        | DistributionFlags.AtomCache
        | DistributionFlags.BigSequentialTraceLabels
        | DistributionFlags.Fragments;

    /// <summary>The flags of a peer with the digest flag replaced by what it stands for.</summary>
    public static DistributionFlags Expand(DistributionFlags flags) =>
        (flags & DistributionFlags.Mandatory25Digest) != 0 ? flags | Mandatory25 : flags;

    /// <summary>The protocol's names of the required flags a peer lacks; empty if it has them all.</summary>
    public static string Missing(DistributionFlags peer)
    {
        DistributionFlags missing = RequiredOfPeers & ~Expand(peer);
        return missing == 0
            ? ""
            : string.Join(
                ", ",
                Enum.GetValues<DistributionFlags>().Where(flag => flag != 0 && (missing & flag) == flag).Select(ProtocolName)
            );
    }

    private static string ProtocolName(DistributionFlags flag) =>
        flag switch
        {
            DistributionFlags.ExtendedReferences => "EXTENDED_REFERENCES",
            DistributionFlags.FunTags => "FUN_TAGS",
            DistributionFlags.NewFunTags => "NEW_FUN_TAGS",
            DistributionFlags.ExtendedPidsPorts => "EXTENDED_PIDS_PORTS",
            DistributionFlags.ExportTag => "EXPORT_PTR_TAG",
            DistributionFlags.BitBinaries => "BIT_BINARIES",
            DistributionFlags.NewFloats => "NEW_FLOATS",
            DistributionFlags.Utf8Atoms => "UTF8_ATOMS",
            DistributionFlags.Maps => "MAP_TAG",
            DistributionFlags.BigCreation => "BIG_CREATION",
            DistributionFlags.Handshake23 => "HANDSHAKE_23",
            DistributionFlags.UnlinkId => "UNLINK_ID",
            DistributionFlags.V4Identifiers => "V4_NC",
            _ => flag.ToString(),
        };
}
