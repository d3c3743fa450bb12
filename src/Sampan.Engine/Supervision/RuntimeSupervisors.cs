using System.Text.Json;
using Sampan.Engine.Containers.States;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Supervision;

/// <summary>The real kind of supervisors: processes of <c>sampan-runtime supervise</c>.</summary>
internal sealed class RuntimeSupervisors(string runtimePath) : ISupervisors
{
    /// <inheritdoc/>
    public async Task<ISupervisor> LaunchAsync(LaunchOrder order, CancellationToken ct)
    {
        // On tmpfs, for one reader that has not been started yet: neither sync nor rename are of use.
        await using (var file = new FileStream(Path.Combine(order.StateDirectory, "config.json"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            file.Write(JsonSerializer.SerializeToUtf8Bytes(order.Spec, OciRuntimeJson.Default.RuntimeSpec));
        DaemonFailPoint.Reach("start.configuration-written");
        var launch = new SupervisorLaunch
        {
            Id = order.Id,
            StateDirectory = order.StateDirectory,
            RootfsMounts = order.RootfsMounts,
            SeccompProfile = order.SeccompProfile,
            Runtime = order.Runtime,
            LogPath = order.LogPath,
            LogMaxBytes = order.Log.MaxBytes,
            LogMaxFiles = order.Log.MaxFiles,
            LogAttributes = order.LogAttributes,
            OpenStdin = order.OpenStdin,
            StdinOnce = order.StdinOnce,
        };
        try
        {
            return new RuntimeSupervisor(await SupervisorClient.LaunchAsync(runtimePath, launch, ct));
        }
        catch (StartFailedException refused)
        {
            throw new StartRefusedException(refused.Message, refused.ExitCode, refused);
        }
    }

    /// <inheritdoc/>
    public async Task<ISupervisor?> ConnectAsync(string stateDirectory, CancellationToken ct) =>
        await SupervisorClient.ConnectAsync(stateDirectory, ct) is { } client ? new RuntimeSupervisor(client) : null;

    /// <inheritdoc/>
    public ExitStatus? ReadExit(string stateDirectory) =>
        SupervisorClient.ReadExit(stateDirectory) is { } record ? RuntimeSupervisor.Of(record) : null;
}
