"""一键测评. Rooms, each importing only those before it: settings, core, storage, actions; output; web and ui."""
