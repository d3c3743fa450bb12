namespace Sampan.Runtime.Systemd;

/// <summary>Kinds of messages, numbered as on the wire.</summary>
internal enum DBusKind : byte
{
    Invalid = 0,
    Call = 1,
    Reply = 2,
    Error = 3,
    Signal = 4,
}
