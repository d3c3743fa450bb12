using Sampan.DockerApi.Execs;
using Sampan.Engine.Execs;
using Sampan.Server.Docker.Containers;

namespace Sampan.Server.Docker.Execs;

/// <summary>Execs between Docker's words and the engine's.</summary>
internal static class ExecMapper
{
    /// <summary>The wish in a request.</summary>
    /// <exception cref="Engine.EngineException">InvalidArgument: there is no command, or the terminal's size is wrong.</exception>
    internal static ExecSpec FromRequest(ExecCreateRequest request)
    {
        var problems = new Problems();
        if (request.Cmd is not { Count: > 0 })
            problems.Invalid("No exec command specified");
        var spec = new ExecSpec
        {
            Command = request.Cmd ?? [],
            AttachStdin = request.AttachStdin,
            AttachStdout = request.AttachStdout,
            AttachStderr = request.AttachStderr,
            Tty = request.Tty,
            ConsoleSize = ContainerRequestMapper.MapSize(request.ConsoleSize, problems),
            DetachKeys = ContainerRequestMapper.Given(request.DetachKeys),
            Env = request.Env ?? [],
            User = ContainerRequestMapper.Given(request.User),
            WorkingDirectory = ContainerRequestMapper.Given(request.WorkingDir),
            Privileged = request.Privileged,
        };
        problems.Throw();
        return spec;
    }

    /// <summary>What <c>docker exec</c> asks for when the process has ended.</summary>
    internal static ExecInspect ToInspect(ExecSnapshot exec) => new()
    {
        ID = exec.Id,
        Running = exec.Running,
        ExitCode = exec.ExitCode,
        ProcessConfig = new ExecProcessConfig
        {
            Tty = exec.Spec.Tty,
            Entrypoint = exec.Spec.Command[0],
            Arguments = [.. exec.Spec.Command.Skip(1)],
            Privileged = exec.Spec.Privileged,
            User = exec.Spec.User,
        },
        OpenStdin = exec.Spec.AttachStdin,
        OpenStdout = exec.Spec.AttachStdout,
        OpenStderr = exec.Spec.AttachStderr,
        CanRemove = false,
        ContainerID = exec.ContainerId,
        DetachKeys = exec.Spec.DetachKeys ?? "",
        Pid = exec.Pid ?? 0,
    };
}
