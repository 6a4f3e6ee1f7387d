-- Roles and databases, once per server, by an administrator:  psql -f deploy/postgresql/roles.sql
-- No role has a password here. Over a Unix socket let pg_hba.conf map each room's own user (peer); over a network use
-- certificates, and sslmode=verify-full in the settings.

CREATE ROLE studyportal_owner LOGIN;
CREATE ROLE studyportal_intake LOGIN;
CREATE ROLE studyportal_clinic LOGIN;
CREATE ROLE studyportal_custody LOGIN;
CREATE ROLE studyportal_research LOGIN;

CREATE DATABASE studyportal_registry OWNER studyportal_owner TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE studyportal_keyring OWNER studyportal_owner TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE studyportal_workbench OWNER studyportal_owner TEMPLATE template0 ENCODING 'UTF8';

-- A room cannot even connect to a database that is not behind its wall.
REVOKE ALL ON DATABASE studyportal_registry, studyportal_keyring, studyportal_workbench FROM PUBLIC;
GRANT CONNECT ON DATABASE studyportal_registry TO studyportal_intake, studyportal_clinic, studyportal_custody;
GRANT CONNECT ON DATABASE studyportal_keyring TO studyportal_intake, studyportal_custody;
GRANT CONNECT ON DATABASE studyportal_workbench TO studyportal_custody, studyportal_research;
