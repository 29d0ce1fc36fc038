namespace CloudScale.Interop.Epmd;

/// <summary>What epmd knows about one registered node.</summary>
/// <param name="Name">The part of the node name before the <c>@</c>.</param>
/// <param name="Port">The TCP port on which the node accepts distribution connections.</param>
/// <param name="IsHidden">Node type 72; an ordinary (visible) node is of type 77.</param>
/// <param name="HighestVersion">Highest version of the distribution protocol the node speaks; 6 since OTP 23.</param>
/// <param name="LowestVersion">Lowest version of the distribution protocol the node speaks.</param>
/// <param name="Protocol">What carries it; 0 is TCP over IPv4, and what OTP sends whatever it speaks.</param>
/// <param name="Extra">Bytes of the node's own that epmd hands on; null for none, as all nodes have it so far.</param>
public sealed record EpmdNode(
    string Name,
    int Port,
    bool IsHidden = false,
    int HighestVersion = 6,
    int LowestVersion = 5,
    byte Protocol = 0,
    Binary? Extra = null
);
