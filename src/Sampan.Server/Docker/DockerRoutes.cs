using Sampan.BuildKit.Sessions;
using Sampan.Server.BuildKit;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Docker.Engines;
using Sampan.Server.Docker.Events;
using Sampan.Server.Docker.Execs;
using Sampan.Server.Docker.Images;
using Sampan.Server.Docker.Networks;
using Sampan.Server.Docker.Plugins;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Docker.Volumes;
using Sampan.Server.Http;

namespace Sampan.Server.Docker;

/// <summary>Every endpoint of the Docker Engine API, by family.</summary>
internal static class DockerRoutes
{
    /// <summary>The routes that serve a daemon.</summary>
    internal static RouteTable Of(DockerDaemon daemon)
    {
        var routes = new RouteTable();
        // Before those of containers: a link's name has a slash, as the path of a checkpoint.
        AbsentEndpoints.Map(routes);
        new SystemEndpoints(daemon).Map(routes);
        new EventEndpoints(daemon).Map(routes);
        new ContainerEndpoints(daemon).Map(routes);
        new ContainerStreamEndpoints(daemon).Map(routes);
        new ContainerFileEndpoints(daemon).Map(routes);
        new ExecEndpoints(daemon).Map(routes);
        new ImageEndpoints(daemon).Map(routes);
        new ImageArchiveEndpoints(daemon).Map(routes);
        new RegistryEndpoints(daemon).Map(routes);
        var sessions = new SessionRegistry(daemon.Time);
        new SessionEndpoints(daemon, sessions).Map(routes);
        new BuildEndpoints(daemon, new SessionBuilds(daemon, sessions)).Map(routes);
        new PastBuildEndpoints(daemon).Map(routes);
        new BuildKitEndpoints(daemon, sessions).Map(routes);
        new NetworkEndpoints(daemon).Map(routes);
        new VolumeEndpoints(daemon).Map(routes);
        new VolumeCopyEndpoints(daemon).Map(routes);
        new PluginEndpoints(daemon).Map(routes);
        new StoreEndpoints(daemon).Map(routes);
        new MetricsEndpoints(daemon).Map(routes);
        return routes;
    }
}
