using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Supervision;

namespace Sampan.Runtime.Commands;

/// <summary><c>supervise --launch-fd N --control-fd N ID</c>: started by the engine, not by people. The id is there for ps.</summary>
internal static class SuperviseCommand
{
    private const int RecordMaxBytes = 4 * 1024 * 1024;

    internal static Command Definition => new("supervise", "<container-id>", "stand behind a container of the engine")
    {
        IsHidden = true,
        Options =
        [
            CommandOption.Value("launch-fd", "descriptor of the launch record"),
            CommandOption.Value("control-fd", "descriptor of the launcher's connection"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var launch = (int?)arguments.Number("launch-fd") ?? -1;
        var control = (int?)arguments.Number("control-fd") ?? -1;
        if (launch < 3 || control < 3)
            throw new UsageException("supervise needs --launch-fd and --control-fd, descriptors of 3 or above");
        byte[] record;
        using (var file = new SafeFd(launch))
            record = HostFile.Read(file, RecordMaxBytes);
        var launcher = new SafeFd(control);
        // It came through exec open: the container must not get it.
        CurrentDescriptors.CloseOnExec(launcher);
        return Supervisor.Run(record, launcher, TimeProvider.System);
    }
}
