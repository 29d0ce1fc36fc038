namespace CloudScale.Interop.Connections;

/// <summary>When a signal to a node that is not connected makes the connection; Erlang's <c>dist_auto_connect</c>.</summary>
/// <remarks>
/// <see cref="Distribution.ConnectAsync"/> connects whatever this says, and calls of others are taken. Where no connection is made, messages are dropped, and links, monitors and spawn requests are
/// answered with <c>noconnection</c>. Source: OTP kernel, application parameter <c>dist_auto_connect</c>.
/// </remarks>
public enum AutoConnect
{
    /// <summary>Always: Erlang's default.</summary>
    Always,

    /// <summary>
    /// Until there has been a connection: a node that was lost is not connected again but on request, or by its own call. For clusters in which somebody is to look first, after a partition. An attempt that
    /// fails bars nobody.
    /// </summary>
    Once,

    /// <summary>Never.</summary>
    Never,
}
