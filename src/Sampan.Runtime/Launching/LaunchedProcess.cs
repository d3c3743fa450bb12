using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>A clone and the talk with it.</summary>
/// <param name="Process">The process; the launcher is its parent and reaps it.</param>
/// <param name="Conversation">The talk.</param>
internal sealed record LaunchedProcess(PidFd Process, InitConversation Conversation)
{
    private const int SIGKILL = 9;

    /// <summary>Kills and reaps a clone whose launch failed.</summary>
    internal void Abandon()
    {
        Conversation.Dispose();
        Process.Send(SIGKILL);
        Process.Reap();
        Process.Dispose();
    }
}
