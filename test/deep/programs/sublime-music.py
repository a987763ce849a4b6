"""What Sublime Music, a player that is strict about types, makes of a server: its own adapter, without its window.
Arguments: the address, the user and the key. Prints one JSON object."""

import json
import logging
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from sublime_music.adapters import AlbumSearchQuery, ConfigurationStore
from sublime_music.adapters.subsonic.adapter import SubsonicAdapter

logging.disable(logging.CRITICAL)
address, user, key = sys.argv[1:4]
store = ConfigurationStore(server_address=address, username=user, verify_cert=True, salt_auth=True)
store.set_secret("password", key)
adapter = SubsonicAdapter(store, Path(tempfile.mkdtemp()))


class Genre:
    name = "jazz"


artists = adapter.get_artists()
artist = adapter.get_artist(artists[0].id)
lists = {
    kind.name: len(adapter.get_albums(AlbumSearchQuery(kind, year_range=(2030, 2020), genre=Genre())))
    for kind in AlbumSearchQuery.Type
}
songs = [song for album in artist.albums for song in adapter.get_album(album.id).songs]
found = adapter.search("silver echoes")
folder = adapter.get_directory(adapter.get_directory("root").children[0].id)
adapter.scrobble_song(songs[0])
adapter.create_playlist("Made there", songs[:2])
playlist = adapter.get_playlists()[0]
adapter.update_playlist(playlist.id, name="Renamed", comment="of three", song_ids=[songs[2].id, songs[0].id, songs[2].id])
details = adapter.get_playlist_details(playlist.id)
adapter.save_play_queue([songs[0].id], 0, timedelta(0))

print(
    json.dumps(
        {
            "artists": [one.name for one in artists],
            "albums": [[album.name, album.song_count] for album in artist.albums],
            "lists": lists,
            "songs": sorted(song.title for song in songs),
            "seconds": all(song.duration.total_seconds() > 0 for song in songs),
            "found": [song.title for song in found.songs],
            "folder": [child.title for child in folder.children],
            "genres": sorted(genre.name for genre in adapter.get_genres()),
            "playlist": [details.name, details.comment, [song.id for song in details.songs]],
            "expected": [songs[2].id, songs[0].id, songs[2].id],
            "played": songs[0].id,
            "stream": adapter.get_song_stream_uri(songs[0].id),
            "cover": adapter.get_cover_art_uri(songs[0].cover_art, "http", 100),
        }
    )
)
