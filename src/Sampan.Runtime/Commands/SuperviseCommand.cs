using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime.Commands;

/// <summary><c>supervise --launch-fd N --control-fd N ID</c>: started by the engine, not by people. The id is there for ps.</summary>
internal static class SuperviseCommand
{
    private const int RecordMaxBytes = 4 * 1024 * 1024;

    internal static int Run(Options options)
    {
        var launch = -1;
        var control = -1;
        while (options.TryOption() is { } option)
        {
            switch (option)
            {
                case "launch-fd":
                    launch = options.Number();
                    break;
                case "control-fd":
                    control = options.Number();
                    break;
                default:
                    throw options.Unknown("supervise");
            }
        }
        if (launch < 3 || control < 3)
            throw new UsageException("supervise needs --launch-fd and --control-fd, descriptors of 3 or above");
        options.Argument("container-id");
        options.RequireEnd("supervise");
        byte[] record;
        using (var file = new SafeFd(launch))
            record = HostFile.Read(file, RecordMaxBytes);
        var launcher = new SafeFd(control);
        // It came through exec open: the container must not get it.
        CurrentDescriptors.CloseOnExec(launcher);
        return Supervisor.Run(record, launcher, TimeProvider.System);
    }
}
