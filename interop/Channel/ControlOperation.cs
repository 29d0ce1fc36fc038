namespace CloudScale.Interop.Channel;

/// <summary>First element of a control tuple.</summary>
/// <remarks>Source: ERTS User's Guide, Distribution Protocol, Protocol between Connected Nodes.</remarks>
internal enum ControlOperation
{
    Link = 1, // LINK {1, From, To}
    Send = 2, // SEND {2, Unused, To} + message
    Exit = 3, // EXIT {3, From, To, Reason}
    Unlink = 4, // UNLINK {4, From, To}, obsolete
    NodeLink = 5, // NODE_LINK {5}, of no meaning any more
    RegSend = 6, // REG_SEND {6, From, Unused, ToName} + message
    GroupLeader = 7, // GROUP_LEADER {7, From, To}
    Exit2 = 8, // EXIT2 {8, From, To, Reason}
    SendTraced = 12, // SEND_TT {12, Unused, To, Token} + message
    ExitTraced = 13, // EXIT_TT {13, From, To, Token, Reason}
    RegSendTraced = 16, // REG_SEND_TT {16, From, Unused, ToName, Token} + message
    Exit2Traced = 18, // EXIT2_TT {18, From, To, Token, Reason}
    Monitor = 19, // MONITOR_P {19, From, ToProc, Ref}
    Demonitor = 20, // DEMONITOR_P {20, From, ToProc, Ref}
    MonitorExit = 21, // MONITOR_P_EXIT {21, FromProc, To, Ref, Reason}
    SendSender = 22, // SEND_SENDER {22, From, To} + message
    SendSenderTraced = 23, // SEND_SENDER_TT {23, From, To, Token} + message
    PayloadExit = 24, // PAYLOAD_EXIT {24, From, To} + reason
    PayloadExitTraced = 25, // PAYLOAD_EXIT_TT {25, From, To, Token} + reason
    PayloadExit2 = 26, // PAYLOAD_EXIT2 {26, From, To} + reason
    PayloadExit2Traced = 27, // PAYLOAD_EXIT2_TT {27, From, To, Token} + reason
    PayloadMonitorExit = 28, // PAYLOAD_MONITOR_P_EXIT {28, FromProc, To, Ref} + reason
    SpawnRequest = 29, // SPAWN_REQUEST {29, ReqId, From, GroupLeader, {Module, Function, Arity}, OptList} + arguments
    SpawnRequestTraced = 30, // SPAWN_REQUEST_TT {30, ReqId, From, GroupLeader, {Module, Function, Arity}, OptList, Token} + arguments
    SpawnReply = 31, // SPAWN_REPLY {31, ReqId, To, Flags, Result}
    SpawnReplyTraced = 32, // SPAWN_REPLY_TT {32, ReqId, To, Flags, Result, Token}
    AliasSend = 33, // ALIAS_SEND {33, From, Alias} + message
    AliasSendTraced = 34, // ALIAS_SEND_TT {34, From, Alias, Token} + message
    UnlinkId = 35, // UNLINK_ID {35, Id, From, To}
    UnlinkIdAck = 36, // UNLINK_ID_ACK {36, Id, From, To}
    AlternateActionSend = 37, // ALTACT_SIG_SEND {37, Flags, From, To [, Token]} + message or reason
}

/// <summary>What kind of signal an ALTACT_SIG_SEND is; the lowest bits of its flags, which may have any number of others.</summary>
/// <remarks>Source: OTP 28, erts/emulator/beam/dist.h.</remarks>
[Flags]
internal enum AlternateActionFlags
{
    None = 0,
    Priority = 1, // the sender asks that it goes before ordinary messages
    Token = 2, // a fifth element: a trace token
    Alias = 4, // To is an alias
    Name = 8, // To is a registered name
    Exit = 16, // an exit signal; else a message
}
