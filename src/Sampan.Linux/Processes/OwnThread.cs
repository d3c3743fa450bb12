namespace Sampan.Linux.Processes;

/// <summary>Threads of our own, beside those of .NET's pool. They do not keep the process alive.</summary>
public static class OwnThread
{
    /// <summary>Starts one.</summary>
    /// <param name="name">Its name, for who looks at the process.</param>
    /// <param name="work">What it does; a failure that it lets out ends the process.</param>
    /// <exception cref="LinuxException">EAGAIN: the process, its control group or the machine has as many threads as it may.</exception>
    public static Thread Start(string name, Action work)
    {
        var thread = new Thread(() => work()) { IsBackground = true, Name = name };
        try
        {
            thread.Start();
        }
        catch (Exception refused) when (refused is OutOfMemoryException or ThreadStartException)
        {
            // What .NET makes of the kernel's EAGAIN.
            throw new LinuxException("start thread", Errno.EAGAIN, name);
        }

        return thread;
    }
}
