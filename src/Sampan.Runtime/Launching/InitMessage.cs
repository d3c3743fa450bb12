namespace Sampan.Runtime.Launching;

/// <summary>
/// The messages between a launcher and the clone that becomes the container. Each is allowed in one phase only, see <see cref="InitConversation"/>:
/// <code>
///   launcher                       init
///      │───────── Continue ─────────▶│   only with a user namespace: its ids are mapped
///      │◀──────── Namespaces ────────│   only if hooks want it: namespaces exist, root not changed
///      │───────── Continue ─────────▶│
///      │◀──────── Console + fd ──────│   only with a terminal
///      │◀──────── Ready ─────────────│
///      │───────── Start ────────────▶│
///      │◀──────── Filter + fd ───────│   only if calls wait for an agent: it gets the listener
///      │───────── Continue ─────────▶│
///      │◀──────── (end of stream) ───│   execve closed it: the program runs
/// </code>
/// <c>Failed</c> may come in every phase and ends the conversation.
/// </summary>
internal enum InitMessage : byte
{
    Namespaces = 1,
    Continue = 2,
    Console = 3,
    Ready = 4,
    Start = 5,
    Failed = 6,
    Filter = 7,

    /// <summary>Of a go-between, with the descriptor of the clone that it made.</summary>
    Cloned = 8,
}
